// Days as ISO text. Ranges are half-open: `end` is the first day that is not counted.

export type Grain = "day" | "week" | "month" | "quarter" | "year";

export interface Range {
  readonly start: string | null;
  readonly end: string | null;
}

const kDayMs = 86_400_000;
const kIsoDay = /^\d{4}-\d{2}-\d{2}$/;

export function isDay(text: string): boolean {
  return kIsoDay.test(text) && toIso(utc(text)) === text;
}

function utc(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

function toIso(date: Date): string {
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 10);
}

export function addDays(day: string, count: number): string {
  return toIso(new Date(utc(day).getTime() + count * kDayMs));
}

/** The last day of the month stays the last day: 31 January plus one month is 28 or 29 February. */
export function addMonths(day: string, count: number): string {
  const date = utc(day);
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1));
  const length = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(date.getUTCDate(), length));
  return toIso(first);
}

export function startOfMonth(day: string): string {
  return `${day.slice(0, 8)}01`;
}

/** Monday is 0. */
export function weekday(day: string): number {
  return (utc(day).getUTCDay() + 6) % 7;
}

export function daysBetween(start: string, end: string): number {
  return Math.round((utc(end).getTime() - utc(start).getTime()) / kDayMs);
}

/** The period of `grain` that begins on `first`, half-open. */
export function periodOf(first: string, grain: Grain): { start: string; end: string } {
  switch (grain) {
    case "day":
      return { start: first, end: addDays(first, 1) };
    case "week":
      return { start: first, end: addDays(first, 7) };
    case "month":
      return { start: first, end: addMonths(first, 1) };
    case "quarter":
      return { start: first, end: addMonths(first, 3) };
    case "year":
      return { start: first, end: addMonths(first, 12) };
  }
}

/** The first day of the running window that ends in the period beginning on `first`. */
export function windowStart(first: string, grain: Grain, window: string): string {
  const month = startOfMonth(first);
  switch (window) {
    case "mtd":
      return month;
    case "qtd": {
      const index = Number(first.slice(5, 7)) - 1;
      return addMonths(month, -(index % 3));
    }
    case "ytd":
      return `${first.slice(0, 4)}-01-01`;
    case "ltm":
      return addMonths(periodOf(first, grain).end, -12);
    default:
      return first;
  }
}

/** How a period is named on an axis and in a table: 2025-01-03, 2025-01, 2025 Q1, 2025. */
export function periodName(first: string, grain: Grain): string {
  switch (grain) {
    case "day":
      return first;
    case "week":
      return isoWeek(first);
    case "month":
      return first.slice(0, 7);
    case "quarter":
      return `${first.slice(0, 4)} Q${Math.floor((Number(first.slice(5, 7)) - 1) / 3) + 1}`;
    case "year":
      return first.slice(0, 4);
  }
}

/** Both ends of a range as a reader counts them, the last day too: 2025, 2025-03, 2025-01 to 2025-06, 2025-03-01 to 2025-03-09. */
export function rangeName(start: string, end: string): string {
  const last = addDays(end, -1);
  const isMonths = start === startOfMonth(start) && end === startOfMonth(end);
  if (!isMonths) return start === last ? start : `${start} to ${last}`;
  if (addMonths(start, 12) === end && start.endsWith("-01-01")) return start.slice(0, 4);
  return start.slice(0, 7) === last.slice(0, 7) ? start.slice(0, 7) : `${start.slice(0, 7)} to ${last.slice(0, 7)}`;
}

/** ISO 8601: week 1 has the year's first Thursday. Weeks that begin on another day are named by that day. */
function isoWeek(first: string): string {
  if (weekday(first) !== 0) return first;
  const year = addDays(first, 3).slice(0, 4);
  const number = Math.floor(daysBetween(`${year}-01-01`, addDays(first, 3)) / 7) + 1;
  return `${year}-W${String(number).padStart(2, "0")}`;
}

/** Both bounds cut to the narrower of two half-open ranges. */
export function intersect(left: Range, right: Range): Range {
  const later = (a: string | null, b: string | null): string | null =>
    a === null ? b : b === null ? a : a > b ? a : b;
  const earlier = (a: string | null, b: string | null): string | null =>
    a === null ? b : b === null ? a : a < b ? a : b;
  return { start: later(left.start, right.start), end: earlier(left.end, right.end) };
}

/** A moment as the reader's wall clock shows it, to the minute. */
export function formatMoment(text: string, timeZone: string): string {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return text;
  const options = {
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
    hour12: false, timeZoneName: "short",
  } as const;
  try {
    return isoLike(new Intl.DateTimeFormat("en-GB", { ...options, timeZone }).formatToParts(date));
  } catch {
    return isoLike(new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).formatToParts(date));
  }
}

function isoLike(parts: Intl.DateTimeFormatPart[]): string {
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? "";
  const hour = part("hour") === "24" ? "00" : part("hour");
  return `${part("year")}-${part("month")}-${part("day")} ${hour}:${part("minute")} ${part("timeZoneName")}`;
}

export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
