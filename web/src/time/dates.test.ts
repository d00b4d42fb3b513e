import { describe, expect, it } from "vitest";
import { addDays, addMonths, formatMoment, intersect, isDay, periodName, periodOf, rangeName, weekday, windowStart } from "./dates";

describe("days", () => {
  it("cross months, leap days and the clock change", () => {
    expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
    expect(addDays("2025-03-29", 2)).toBe("2025-03-31");
    expect(addMonths("2024-01-31", 1)).toBe("2024-02-29");
    expect(addMonths("2025-01-15", -1)).toBe("2024-12-15");
  });

  it("are checked before use", () => {
    expect(isDay("2025-02-29")).toBe(false);
    expect(isDay("2024-02-29")).toBe(true);
    expect(isDay("today")).toBe(false);
  });

  it("form half-open periods", () => {
    expect(periodOf("2025-12-01", "month")).toEqual({ start: "2025-12-01", end: "2026-01-01" });
    expect(periodOf("2025-10-01", "quarter").end).toBe("2026-01-01");
    expect(periodName("2025-10-01", "quarter")).toBe("2025 Q4");
    expect(periodName("2024-12-30", "week")).toBe("2025-W01");
    expect(periodName("2026-12-28", "week")).toBe("2026-W53");
  });

  it("find where a running window begins", () => {
    expect(windowStart("2025-05-17", "day", "mtd")).toBe("2025-05-01");
    expect(windowStart("2025-05-17", "day", "qtd")).toBe("2025-04-01");
    expect(windowStart("2025-05-17", "day", "ytd")).toBe("2025-01-01");
    expect(windowStart("2025-05-01", "month", "ltm")).toBe("2024-06-01");
  });

  it("begin weeks on Monday", () => {
    expect(weekday("2025-01-06")).toBe(0);
    expect(weekday("2025-01-12")).toBe(6);
  });
});

describe("ranges", () => {
  it("narrow each other", () => {
    expect(intersect({ start: "2025-01-01", end: null }, { start: "2024-06-01", end: "2025-01-08" }))
      .toEqual({ start: "2025-01-01", end: "2025-01-08" });
  });
});

describe("moments", () => {
  it("are shown in the project's zone, and in UTC when the zone is unknown", () => {
    expect(formatMoment("2025-01-03T23:30:00Z", "Europe/Berlin")).toMatch(/^2025-01-04 00:30/);
    expect(formatMoment("2025-01-03T23:30:00Z", "Nowhere/Land")).toMatch(/^2025-01-03 23:30/);
  });
});

describe("a range", () => {
  it("is named by what it counts, the last day too", () => {
    expect(rangeName("2024-01-01", "2025-01-01")).toBe("2024");
    expect(rangeName("2024-04-01", "2025-04-01")).toBe("2024-04 to 2025-03");
    expect(rangeName("2024-02-01", "2024-03-01")).toBe("2024-02");
    expect(rangeName("2024-02-01", "2024-02-29")).toBe("2024-02-01 to 2024-02-28");
    expect(rangeName("2024-02-29", "2024-03-01")).toBe("2024-02-29");
  });
});
