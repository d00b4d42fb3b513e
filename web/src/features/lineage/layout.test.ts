import { describe, expect, it } from "vitest";
import { layered, related } from "./layout";

const kEdges = [
  { from: "raw", to: "clean" }, { from: "clean", to: "daily" }, { from: "clean", to: "report" },
  { from: "daily", to: "report" }, { from: "names", to: "report" },
];

describe("lineage", () => {
  it("puts every table to the right of all it is made of", () => {
    const column = new Map(layered(["report", "raw", "names", "daily", "clean"], kEdges).placed.map((each) => [each.name, each.column]));
    for (const edge of kEdges) expect(column.get(edge.from)).toBeLessThan(column.get(edge.to) ?? -1);
  });

  it("never puts two tables in one place", () => {
    const places = layered(["report", "raw", "names", "daily", "clean"], kEdges).placed.map((each) => `${each.column}/${each.row}`);
    expect(new Set(places).size).toBe(places.length);
  });

  it("leads an edge past other columns through a place of its own", () => {
    const { placed, ways } = layered(["raw", "clean", "daily", "report"], [...kEdges.slice(0, 2), { from: "raw", to: "daily" }]);
    const way = ways[2] ?? [];
    expect(way.map((place) => place.column)).toEqual([0, 1, 2]);
    expect(placed.some((place) => place.column === 1 && place.row === way[1]?.row)).toBe(false);
  });

  it("knows what a table is made of and what is made of it, and no siblings", () => {
    expect([...related("daily", kEdges)].sort()).toEqual(["clean", "daily", "raw", "report"]);
    expect([...related("names", kEdges)].sort()).toEqual(["names", "report"]);
  });

  it("ends on a graph that has a cycle", () => {
    expect(layered(["a", "b"], [{ from: "a", to: "b" }, { from: "b", to: "a" }]).placed).toHaveLength(2);
  });
});
