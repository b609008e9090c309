// Walks in a circle near the Eiffel Tower, says where it is and whom it sees. Run: npx node examples/walk.ts [url]
import { connect, distanceBetween, positionOf } from "bluemarble/client";

const url = process.argv[2] ?? "http://localhost:2567";
const world = await connect(url, { longitude: 2.2945, latitude: 48.8594, name: "Walker" }).catch(({ code, message }) => {
  console.error(`${code}: ${message}`);
  process.exit(1);
});

world.on("zone", (name) => console.log(`in zone ${name} as entity ${world.entityId}`));
world.on("enter", (id, entity) => console.log(`+ ${entity.kind} ${id}`));
world.on("leave", (id, entity) => console.log(`- ${entity.kind} ${id}`));
// The helper comes back by itself; this is for people to read.
world.on("error", ({ code, message }) => console.error(`${code}: ${message}`));

const turning = setInterval(() => {
  const angle = performance.now() / 1000;
  world.input.moveEast = Math.cos(angle);
  world.input.moveNorth = Math.sin(angle);
  world.input.yaw = angle;
}, 100);

const telling = setInterval(() => {
  const { longitude, latitude, altitude } = positionOf(world.self);
  const neighbours = [...world.entities]
    .filter(([id]) => id !== world.entityId)
    .map(([id, entity]) => `${entity.name || `${entity.kind} ${id}`} at ${distanceBetween(world.self, entity).toFixed(1)} m`);
  console.log(`${longitude.toFixed(6)}, ${latitude.toFixed(6)}, ${altitude.toFixed(2)} m; sees ${neighbours.join(", ") || "nobody"}`);
}, 1000);

process.once("SIGINT", async () => {
  clearInterval(turning);
  clearInterval(telling);
  await world.close();
});
