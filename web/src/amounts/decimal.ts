// Exact decimals for what a person reads. The API sends every amount as text; it stays text or BigInt
// until it is shown. Only `toPixels` leaves exactness, for the place of a mark on a chart.

export interface Decimal {
  readonly units: bigint; // the value times 10^scale
  readonly scale: number;
}

const kForm = /^(-?)(\d+)(?:\.(\d+))?$/;

export const kZero: Decimal = { units: 0n, scale: 0 };

/** Null when the text is no plain decimal; exponents are refused because the API never sends them. */
export function parseDecimal(text: string): Decimal | null {
  const match = kForm.exec(text);
  if (match === null) return null;
  const fraction = match[3] ?? "";
  const units = BigInt((match[2] ?? "0") + fraction);
  return { units: match[1] === "-" ? -units : units, scale: fraction.length };
}

function atScale(value: Decimal, scale: number): bigint {
  return value.units * 10n ** BigInt(scale - value.scale);
}

export function add(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale);
  return { units: atScale(left, scale) + atScale(right, scale), scale };
}

export function negate(value: Decimal): Decimal {
  return { units: -value.units, scale: value.scale };
}

export function subtract(left: Decimal, right: Decimal): Decimal {
  return add(left, negate(right));
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = kZero;
  for (const value of values) total = add(total, value);
  return total;
}

/** Negative, zero or positive, as for sorting. 1.0 equals 1. */
export function compare(left: Decimal, right: Decimal): number {
  const difference = subtract(left, right).units;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function sign(value: Decimal): -1 | 0 | 1 {
  return value.units < 0n ? -1 : value.units > 0n ? 1 : 0;
}

export function toText(value: Decimal): string {
  const digits = (value.units < 0n ? -value.units : value.units).toString().padStart(value.scale + 1, "0");
  const whole = digits.slice(0, digits.length - value.scale);
  const fraction = digits.slice(digits.length - value.scale);
  return (value.units < 0n ? "-" : "") + whole + (fraction === "" ? "" : "." + fraction);
}

/** Rounds half away from zero, as accountants do; never loses digits when `scale` has room. */
export function round(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return { units: atScale(value, scale), scale };
  const divisor = 10n ** BigInt(value.scale - scale);
  const magnitude = value.units < 0n ? -value.units : value.units;
  const rounded = (magnitude + divisor / 2n) / divisor;
  return { units: value.units < 0n ? -rounded : rounded, scale };
}

/** `part` in percent of `whole` with one digit, halves away from zero; null of a whole that is not above zero. */
export function percentOf(part: Decimal, whole: Decimal): Decimal | null {
  if (whole.units <= 0n) return null;
  const scale = Math.max(part.scale, whole.scale);
  const [over, under] = [1000n * atScale(part, scale), atScale(whole, scale)];
  const magnitude = ((over < 0n ? -over : over) + under / 2n) / under;
  return { units: over < 0n ? -magnitude : magnitude, scale: 1 };
}

/** The digits after the point that are needed to show the value exactly. */
export function neededDigits(value: Decimal): number {
  let { units, scale } = value;
  while (scale > 0 && units % 10n === 0n) {
    units /= 10n;
    scale -= 1;
  }
  return scale;
}

/** For positions on a screen, never for a number that is read. */
export function toPixels(value: Decimal): number {
  return Number(toText(value));
}
