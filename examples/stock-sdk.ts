// Movement with prediction on the stock SDK: its room, its input channel, its reconciler. Of BlueMarble it takes the step
// function alone, which is the server's own. Run: npx node examples/stock-sdk.ts [url]
import { Client, Predict } from "@colyseus/sdk";
import {
  BUTTON,
  type Entity,
  MOVEMENT_FIELDS,
  type MovementBody,
  type MovementCommand,
  solidsOf,
  stepMovement,
  type ZoneWelcome,
} from "bluemarble/client";

const client = new Client(process.argv[2] ?? "http://localhost:2567");
const room = await client.joinOrCreate("zone", { longitude: 2.2945, latitude: 48.8594, name: "Predictor", predict: true });
room.onMessage("error", ({ code, message }) => console.error(`${code}: ${message}`));
room.onMessage("*", () => {});

// The state comes first, then the welcome.
const welcome = await new Promise<ZoneWelcome>((resolve) => room.onMessage("zone:welcome", resolve));
const entities: ReadonlyMap<string, Entity> = room.state.entities;
const self = entities.get(welcome.entityId) as Entity & MovementBody;
console.log(`in zone ${welcome.zone} as entity ${welcome.entityId}`);

let corrections = 0;
const input = room.input<MovementCommand>();
const predict = Predict.get(room);
const body = predict.reconciler<MovementBody, MovementCommand>(self, {
  input,
  fields: MOVEMENT_FIELDS,
  step: (ctx, state, command) => stepMovement(state, command, ctx.dt, welcome.movement, solidsOf(entities, state)),
  warnOnDivergence: 1,
  onReconcile: () => {
    if (body.lastCorrectionMag > 0) corrections++;
  },
});

// A game does this for every frame that it draws: `tick` says how many steps are due.
const frames = setInterval(() => {
  for (let due = predict.tick(performance.now()); due > 0; due--) {
    const angle = input.sentCount / 60;
    input.data.moveEast = Math.cos(angle);
    input.data.moveNorth = Math.sin(angle);
    input.data.yaw = angle;
    input.data.buttons = input.sentCount % 120 < 10 ? BUTTON.run | BUTTON.jump : BUTTON.run;
    input.send();
  }
}, 1000 / 60);

const telling = setInterval(() => {
  const ahead = Math.hypot(body.state.x - self.x, body.state.y - self.y);
  console.log(
    `${input.sentCount} sent, ${input.lastProcessed} taken, ${ahead.toFixed(2)} m ahead of the server, ${corrections} corrections`,
  );
}, 1000);

process.once("SIGINT", () => {
  clearInterval(frames);
  clearInterval(telling);
  void room.leave();
});
