/**
 * A compiled program with other program ids, its own and those of its imports, wherever they stand.
 * @param names old id to new id
 */
export function renamed(source: string, names: ReadonlyMap<string, string>): string {
  return source.replace(/(?<!\w)[a-z]\w*\.aleo(?!\w)/gi, (id) => names.get(id) ?? id);
}

/** `name_v3.aleo` → `name_v4.aleo`; `name.aleo` → `name_v2.aleo`. */
export function nextVersion(id: string): string {
  const [, name = "", version] = /^(.+?)(?:_v(\d+))?\.aleo$/.exec(id) ?? [];
  return `${name}_v${version === undefined ? 2 : Number(version) + 1}.aleo`;
}
