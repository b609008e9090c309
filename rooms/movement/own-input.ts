/**
 * Whether what is written at this moment is the work of a player's own input on the player's own body: true while the room takes an input
 * step. Replication tells by it what a client that predicts knows already from what it must be told.
 */
export const ownInput = { active: false };
