import { DEFAULT_FRAME_HZ, DEFAULT_LIMITS, DEFAULT_MOVEMENT } from "../../../../config/index.ts";
import { QuantizationPlugin } from "../../../../plugins/quantization/index.ts";
import {
  axisCm,
  BUTTON,
  buildStateTypes,
  type EntityState,
  eastwardCm,
  longitudeScale,
  type MovementCommand,
  type MovementParameters,
  mergeFields,
  ownInput,
  positionFromGeographic,
  type StateTypes,
  stepMovement,
  xCmFromLongitude,
  yCmFromLatitude,
  type ZoneState,
} from "../../../../rooms/index.ts";
import { type Random, seededRandom } from "../../bots/draw.ts";
import type { Placement } from "./cases.ts";

/** Seconds between two turns of a player, on average. */
const TURN_EVERY_SECONDS = 2;
const DT_SECONDS = 1 / DEFAULT_FRAME_HZ;
const MOVEMENT: MovementParameters = {
  ...DEFAULT_MOVEMENT,
  southDeg: DEFAULT_LIMITS.latitudeDeg.min,
  northDeg: DEFAULT_LIMITS.latitudeDeg.max,
};

/** A player: its entity, what its client wants, and what it predicts. */
export interface Player {
  readonly id: string;
  readonly entity: EntityState;
  /** Values of `MOVEMENT_FIELDS` after the last step, as the server knows them of a client that predicts. */
  readonly command: MovementCommand;
  readonly home: { xCm: number; yCm: number; scale: number; reachCm: number; round: boolean };
}

/** The wire types of a world with the `quantization` plugin, or at full precision without. */
export function benchTypes(quantized = true): StateTypes {
  return buildStateTypes(mergeFields(quantized ? [{ plugin: "quantization", encodings: QuantizationPlugin.encodings }] : []));
}

/** A zone full of players who never stand still. The same placements and seed walk the same ways, in every process. */
export class BenchWorld {
  readonly players: Player[] = [];
  readonly state: ZoneState;
  /** Steps that everybody has taken: the last input that a client got acknowledged. */
  steps = 0;
  readonly #types: StateTypes;
  readonly #random: Random;

  constructor(types: StateTypes, seed: number) {
    this.#types = types;
    this.#random = seededRandom(seed, "turns");
    this.state = new types.ZoneState();
    Object.assign(this.state.zone, { name: "earth", west: -180, east: 180 });
  }

  /** Adds everybody, in order. `spawned` is told of each after it stands in the state. */
  populate(placements: readonly Placement[], spawned: (id: string, entity: EntityState) => void = () => {}): void {
    placements.forEach((placement, index) => {
      const id = String(1000 + index);
      const entity = this.#createEntity(id, placement);
      const { region } = placement;
      const yCm = yCmFromLatitude(region.latitudeDeg);
      const home = {
        xCm: xCmFromLongitude(region.longitudeDeg),
        yCm,
        scale: longitudeScale(yCm),
        reachCm: region.reachM * 100,
        round: region.shape === "circle",
      };
      const command = { moveEast: 0, moveNorth: 0, yaw: 0, buttons: index % 2 === 0 ? 0 : BUTTON.run };
      const player: Player = { id, entity, command, home };
      head(command, this.#random() * 2 * Math.PI);
      this.players.push(player);
      this.state.entities.set(id, entity);
      spawned(id, entity);
    });
  }

  /** One frame of movement for everybody; every second player runs. */
  step(): void {
    const turns = DT_SECONDS / TURN_EVERY_SECONDS;
    for (const player of this.players) {
      if (this.#random() < turns) head(player.command, this.#random() * 2 * Math.PI);
      turnBack(player);
      ownInput.active = true;
      stepMovement(player.entity, player.command, DT_SECONDS, MOVEMENT, []);
      ownInput.active = false;
    }
    this.steps++;
  }

  #createEntity(id: string, { longitudeDeg, latitudeDeg }: Placement): EntityState {
    const entity = new this.#types.Entity();
    const fields = entity as unknown as Record<string, unknown>;
    for (const [field, { initial }] of Object.entries(this.#types.fields)) if (initial !== undefined) fields[field] = initial;
    Object.assign(entity, positionFromGeographic({ longitude: longitudeDeg, latitude: latitudeDeg, altitude: 0 }));
    entity.kind = "avatar";
    entity.name = `Guest ${id}`;
    entity.groundZ = axisCm(entity.cellZ, entity.z);
    return entity;
  }
}

function head(command: MovementCommand, angle: number): void {
  command.moveEast = Math.cos(angle);
  command.moveNorth = Math.sin(angle);
  command.yaw = angle;
}

/** Whoever has left the region heads for its middle. */
function turnBack({ entity, command, home }: Player): void {
  const east = eastwardCm(home.xCm, axisCm(entity.cellX, entity.x)) * home.scale;
  const north = axisCm(entity.cellY, entity.y) - home.yCm;
  const outside = home.round
    ? east * east + north * north > home.reachCm * home.reachCm
    : Math.abs(east) > home.reachCm || Math.abs(north) > home.reachCm;
  // Not while it is heading inwards already: a new angle each frame would be news that nobody's movement makes.
  if (outside && command.moveEast * east + command.moveNorth * north > 0) head(command, Math.atan2(-north, -east));
}
