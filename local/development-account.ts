/**
 * The first of the accounts that the devnode funds in its genesis block (`aleo-devnode accounts`).
 * Publicly known: it is worth nothing on any other network.
 */
export const developmentKey = "APrivateKey1zkp8CZNn3yeCseEtxuVPbDCwSyhGW6yZKUYKfgXmcpoGPWH";
export const developmentAddress = "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px";
