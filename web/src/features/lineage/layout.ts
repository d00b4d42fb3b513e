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

/** A place on the way of an edge that passes other columns; nothing is drawn there but the edge. */
function passing(edge: Edge, column: number): string {
  return `${edge.from}\n${edge.to}\n${column}`;
}

export interface Layout {
  readonly placed: readonly Placed[];
  /** The places that each edge goes through, in the order of `edges`. */
  readonly ways: readonly (readonly Placed[])[];
}

function columnsOf(names: readonly string[], inputs: ReadonlyMap<string, readonly string[]>): Map<string, number> {
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
  return columns;
}

/** The longest way from a source is the column; rows follow the middle of the neighbours on the left. */
export function layered(names: readonly string[], edges: readonly Edge[]): Layout {
  const inputs = new Map<string, string[]>(names.map((name) => [name, []]));
  for (const edge of edges) inputs.get(edge.to)?.push(edge.from);
  const columns = columnsOf(names, inputs);
  const cells = new Map(names.map((name) => [name, { column: columns.get(name) ?? 0, before: inputs.get(name) ?? [] }]));
  const ways = edges.map((edge) => {
    const way = [edge.from];
    for (let column = (columns.get(edge.from) ?? 0) + 1; column < (columns.get(edge.to) ?? 0); column += 1) {
      cells.set(passing(edge, column), { column, before: [way[way.length - 1] ?? edge.from] });
      way.push(passing(edge, column));
    }
    if (way.length > 1) cells.get(edge.to)?.before.push(way[way.length - 1] ?? "");
    return [...way, edge.to];
  });
  const rows = new Map<string, number>();
  const placed: Placed[] = [];
  const last = Math.max(0, ...[...cells.values()].map((cell) => cell.column));
  for (let column = 0; column <= last; column += 1) {
    const members = [...cells].filter(([, cell]) => cell.column === column).map(([name, cell]) => {
      const known = cell.before.map((input) => rows.get(input)).filter((row) => row !== undefined);
      return { name, middle: known.length === 0 ? 0 : known.reduce((total, row) => total + row, 0) / known.length };
    });
    members.sort((left, right) => left.middle - right.middle || (left.name < right.name ? -1 : 1));
    members.forEach(({ name }, row) => {
      rows.set(name, row);
      placed.push({ name, column, row });
    });
  }
  const at = new Map(placed.map((place) => [place.name, place]));
  return {
    placed: placed.filter((place) => inputs.has(place.name)),
    ways: ways.map((way) => way.map((name) => at.get(name)).filter((place) => place !== undefined)),
  };
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
