/** An address or the id of a transaction as a table shows it: its beginning and its end. */
export function shortened(id: string): string {
  return /^(aleo|at)1\w{50,}$/.test(id) ? `${id.slice(0, 10)}…${id.slice(-6)}` : id;
}

/** A moment as a table shows it: `11-25 08:03:07`, in UTC. */
export function timeText(time: number): string {
  return new Date(time).toISOString().slice(5, 19).replace("T", " ");
}
