/** The API server refused a call; `status` is that of HTTP. */
export class ApiError extends Error {
  readonly status: number;
  /** Kubernetes' own word for it, such as `AlreadyExists`. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.name = new.target.name;
    this.status = status;
    this.reason = reason;
  }
}
