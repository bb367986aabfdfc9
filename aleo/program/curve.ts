/**
 * The curve of Aleo's groups: -x² + y² = 1 + 3021 x² y² over the scalar field of BLS12-377
 * (snarkVM curves/src/edwards_bls12).
 */
export const fieldOrder =
  8444461749428370424248824938781546531375899335154063827935233455917409239041n;
/** Order of the subgroup that group literals are in. */
export const scalarOrder =
  2111115437357092606062206234695386632838870926408408195193685246394721360383n;

const d = 3021n;
/** fieldOrder - 1 is `oddPart` times 2 to the power of `twoAdicity`. */
const twoAdicity = 47;
const oddPart = (fieldOrder - 1n) >> BigInt(twoAdicity);

/** Whether a group element has this x coordinate, as in the literal `2group`. */
export function isGroupCoordinate(x: bigint): boolean {
  return yCoordinate(x) !== undefined;
}

/**
 * The y coordinate of the one group element with this x coordinate; undefined where there is none.
 * Source: snarkVM console/types/group/src/from_x_coordinate.rs.
 */
export function yCoordinate(x: bigint): bigint | undefined {
  const denominator = modulo(1n - d * x * x);
  if (denominator === 0n) return undefined;
  const y = squareRoot(modulo((1n + x * x) * power(denominator, fieldOrder - 2n)));
  if (y === undefined) return undefined;
  return [y, modulo(-y)].find((candidate) => isInSubgroup({ x, y: candidate, z: 1n }));
}

/** A number of the field that is congruent to `value`. */
export function modulo(value: bigint): bigint {
  const rest = value % fieldOrder;
  return rest < 0n ? rest + fieldOrder : rest;
}

/** `base` in the field, to the power of `exponent`, which is not negative. */
export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % fieldOrder;
    square = (square * square) % fieldOrder;
  }
  return result;
}

/** Tonelli and Shanks; undefined for what is no square. */
export function squareRoot(value: bigint): bigint | undefined {
  if (value === 0n) return 0n;
  if (power(value, (fieldOrder - 1n) / 2n) !== 1n) return undefined;
  let root = power(value, (oddPart + 1n) / 2n);
  let rest = power(value, oddPart);
  let generator = power(nonSquare(), oddPart);
  let order = twoAdicity;
  while (rest !== 1n) {
    let steps = 0;
    for (let square = rest; square !== 1n; square = (square * square) % fieldOrder) steps += 1;
    const factor = power(generator, 1n << BigInt(order - steps - 1));
    root = (root * factor) % fieldOrder;
    generator = (factor * factor) % fieldOrder;
    rest = (rest * generator) % fieldOrder;
    order = steps;
  }
  return root;
}

function nonSquare(): bigint {
  let candidate = 2n;
  while (power(candidate, (fieldOrder - 1n) / 2n) === 1n) candidate += 1n;
  return candidate;
}

/** A point in projective coordinates. */
interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
}

/** The unified addition of Bernstein, Birkner, Joye, Lange and Peters (add-2008-bbjlp). */
function add(p: Point, q: Point): Point {
  const z = (p.z * q.z) % fieldOrder;
  const square = z * z;
  const x = (p.x * q.x) % fieldOrder;
  const y = (p.y * q.y) % fieldOrder;
  const product = d * x * y;
  const minus = modulo(square - product);
  const plus = modulo(square + product);
  return {
    x: modulo(z * minus * ((p.x + p.y) * (q.x + q.y) - x - y)),
    y: modulo(z * plus * (y + x)),
    z: (minus * plus) % fieldOrder,
  };
}

function isInSubgroup(point: Point): boolean {
  let sum: Point = { x: 0n, y: 1n, z: 1n };
  let doubled = point;
  for (let rest = scalarOrder; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) sum = add(sum, doubled);
    doubled = add(doubled, doubled);
  }
  return sum.x === 0n && sum.y === sum.z;
}
