/**
 * A compiled program with other program ids, its own and those of its imports, wherever they stand.
 * @param names old id to new id
 */
export function renamed(source: string, names: ReadonlyMap<string, string>): string {
  return source.replace(/(?<!\w)[a-z]\w*\.aleo(?!\w)/gi, (id) => names.get(id) ?? id);
}

/** `name_v3.aleo` is version 3 of `name`, and `name.aleo` version 1. */
export function versionOf(id: string): { readonly name: string; readonly version: number } {
  const [, name = "", version = "1"] = /^(.+?)(?:_v(\d+))?\.aleo$/.exec(id) ?? [];
  return { name, version: Number(version) };
}

/** `name_v3.aleo` → `name_v4.aleo`; `name.aleo` → `name_v2.aleo`. */
export function nextVersion(id: string): string {
  const { name, version } = versionOf(id);
  return `${name}_v${version + 1}.aleo`;
}
