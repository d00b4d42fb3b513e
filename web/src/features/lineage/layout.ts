// Places for a graph that has no cycles: each table to the right of everything it is made of.
export interface Placed {
  readonly name: string;
  readonly column: number;
  readonly row: number;
}

interface Edge {
  readonly from: string;
  readonly to: string;
}

/** The longest way from a source is the column; rows follow the middle of the neighbours on the left. */
export function layered(names: readonly string[], edges: readonly Edge[]): Placed[] {
  const inputs = new Map<string, string[]>(names.map((name) => [name, []]));
  for (const edge of edges) inputs.get(edge.to)?.push(edge.from);
  const columns = new Map<string, number>();
  const columnOf = (name: string, path: ReadonlySet<string>): number => {
    const known = columns.get(name);
    if (known !== undefined) return known;
    if (path.has(name)) return 0; // A cycle cannot be; were there one, it must not hang the page.
    const before = (inputs.get(name) ?? []).filter((input) => inputs.has(input));
    const column = Math.max(-1, ...before.map((input) => columnOf(input, new Set([...path, name])))) + 1;
    columns.set(name, column);
    return column;
  };
  for (const name of names) columnOf(name, new Set());
  const placed: Placed[] = [];
  const rowOf = new Map<string, number>();
  const last = Math.max(0, ...columns.values());
  for (let column = 0; column <= last; column += 1) {
    const members = names.filter((name) => columns.get(name) === column).map((name) => {
      const rows = (inputs.get(name) ?? []).map((input) => rowOf.get(input)).filter((row) => row !== undefined);
      return { name, middle: rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + row, 0) / rows.length };
    });
    members.sort((left, right) => left.middle - right.middle || left.name.localeCompare(right.name));
    members.forEach(({ name }, row) => {
      rowOf.set(name, row);
      placed.push({ name, column, row });
    });
  }
  return placed;
}

/** The names from which `name` is made and those that are made of it, itself included. */
export function related(name: string, edges: readonly Edge[]): Set<string> {
  const found = new Set([name]);
  const walk = (from: string, next: (edge: Edge) => [string, string]): void => {
    for (const edge of edges) {
      const [here, there] = next(edge);
      if (here !== from || found.has(there)) continue;
      found.add(there);
      walk(there, next);
    }
  };
  walk(name, (edge) => [edge.to, edge.from]);
  walk(name, (edge) => [edge.from, edge.to]);
  return found;
}
