/** A stretch of the chain's time, in ms: after `from`, up to and with `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}
