// The stock Colyseus SDK and nothing else: join, walk east, and say who moves where. Run: node examples/ten-lines.mjs [url]
import { Callbacks, Client } from "@colyseus/sdk";

const client = new Client(process.argv[2] ?? "http://localhost:2567");
const room = await client.joinOrCreate("zone", { longitude: 2.2945, latitude: 48.8594 });
room.onMessage("zone:welcome", ({ zone, entityId }) => console.log(`zone ${zone}, entity ${entityId}`));

const input = room.input();
input.data.moveEast = 1;
const steps = setInterval(() => input.send(), 1000 / 60);

const callbacks = Callbacks.get(room);
callbacks.onAdd("entities", (entity, id) => {
  // Metres on the map: cells of 655.36 m, and centimetres within them.
  const metres = () => [entity.cellX * 655.36 + entity.x, entity.cellY * 655.36 + entity.y].map((m) => m.toFixed(2));
  callbacks.onChange(entity, () => console.log(id, entity.kind, entity.name ?? "", ...metres()));
});
room.onLeave((code) => {
  console.log(`left with code ${code}`);
  clearInterval(steps);
});
