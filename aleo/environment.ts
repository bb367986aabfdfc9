export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A variable's value. One that is empty counts as not set: so a workflow hands on a secret that is not
 * there.
 */
export function given(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value === "" ? undefined : value;
}
