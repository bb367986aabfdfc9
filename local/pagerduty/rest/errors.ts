/** An answer of PagerDuty's REST API that is not a success. */
export class RestError extends Error {
  readonly status: number;
  readonly code: number;
  readonly errors: readonly string[];

  constructor(status: number, code: number, message: string, errors: readonly string[] = []) {
    super(message);
    this.name = new.target.name;
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

export function notFound(): RestError {
  return new RestError(404, 2100, "Not Found");
}

export function invalidInput(...errors: readonly string[]): RestError {
  return new RestError(400, 2001, "Invalid Input Provided", errors);
}

/** What PagerDuty says with a status that it answers whatever the request. */
export function errorOf(status: number, errors: readonly string[] = []): RestError {
  const [code, message] = known[status] ?? [2000, "Internal Server Error"];
  return new RestError(status, code, message, errors);
}

const known: Readonly<Record<number, readonly [code: number, message: string]>> = {
  400: [2001, "Invalid Input Provided"],
  401: [2006, "Unauthorized"],
  402: [2014, "Account does not have the abilities to perform the action"],
  403: [2010, "Access Denied"],
  404: [2100, "Not Found"],
  429: [2020, "Rate Limit Exceeded"],
};
