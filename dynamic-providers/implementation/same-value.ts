/** Whether two texts are the same Aleo value: white space and digit separators mean nothing. */
export function sameValue(a: string | undefined, b: string): boolean {
  const plain = (text: string) => text.replaceAll(/[\s_]/g, "");
  return a !== undefined && plain(a) === plain(b);
}
