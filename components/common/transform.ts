/**
 * The way out for what a component has no argument for: gets the arguments of one child as the
 * component made them, and gives those to use.
 */
export type Transform<Args> = (args: Args) => Args;

export function transformed<Args>(args: Args, transform: Transform<Args> | undefined): Args {
  return transform === undefined ? args : transform(args);
}
