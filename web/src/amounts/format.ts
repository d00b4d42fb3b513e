// The one formatter of amounts. Exact by default: it drops only trailing zeros beyond the second digit
// after the point. Minus is U+2212, digits are Latin so that columns align, separators are the locale's.
import { neededDigits, parseDecimal, round, sign, toText, type Decimal } from "./decimal";

export const kMinus = "\u2212";
export const kNotMeaningful = "n.m.";
const kMoneyDigits = 2;

interface Separators {
  readonly whole: Intl.NumberFormat;
  readonly point: string;
}

const known = new Map<string, Separators>();

function separators(locale: string): Separators {
  const found = known.get(locale);
  if (found !== undefined) return found;
  const options = { numberingSystem: "latn", useGrouping: true } as const;
  const whole = new Intl.NumberFormat(locale, { ...options, maximumFractionDigits: 0 });
  const parts = new Intl.NumberFormat(locale, options).formatToParts(1.5);
  const point = parts.find((part) => part.type === "decimal")?.value ?? ".";
  const made = { whole, point };
  known.set(locale, made);
  return made;
}

export function readerLocale(): string {
  return typeof navigator === "undefined" ? "en" : navigator.language;
}

/** The digits that show every one of `values` exactly in one aligned column. */
export function columnDigits(values: Iterable<Decimal>, least: number): number {
  let digits = least;
  for (const value of values) digits = Math.max(digits, neededDigits(value));
  return digits;
}

export interface NumberStyle {
  readonly locale?: string;
  readonly digits?: number; // after the point; default: what is needed
  readonly least?: number; // after the point, when `digits` is not given
  readonly signed?: boolean; // a plus in front of what is above zero
}

export function formatDecimal(value: Decimal, style: NumberStyle = {}): string {
  const { whole, point } = separators(style.locale ?? readerLocale());
  const digits = style.digits ?? Math.max(style.least ?? 0, neededDigits(value));
  const [integer = "0", fraction = ""] = toText(round(value, digits)).replace("-", "").split(".");
  const sigil = value.units < 0n ? kMinus : style.signed === true && sign(value) > 0 ? "+" : "";
  return sigil + whole.format(BigInt(integer)) + (fraction === "" ? "" : point + fraction);
}

/** An amount without its currency code; the caller shows the code beside it or in the column's head. */
export function formatAmount(value: Decimal, style: NumberStyle = {}): string {
  return formatDecimal(value, { least: kMoneyDigits, ...style });
}

export function formatMoney(money: { amount: string; currency: string }, style: NumberStyle = {}): string {
  const value = parseDecimal(money.amount);
  return `${value === null ? money.amount : formatAmount(value, style)} ${money.currency}`;
}

export function formatCount(count: number, locale: string = readerLocale()): string {
  return separators(locale).whole.format(Math.trunc(count)).replace("-", kMinus);
}

/** Growth and shares come as text with one digit, or "n.m.". */
export function formatPercent(text: string, style: NumberStyle = {}): string {
  const value = parseDecimal(text);
  return value === null ? text : `${formatDecimal(value, { digits: 1, ...style })} %`;
}

const kSteps: readonly (readonly [bigint, string])[] = [
  [10n ** 12n, "T"],
  [10n ** 9n, "bn"],
  [10n ** 6n, "m"],
  [10n ** 3n, "k"],
];

/** A round number of an axis: as few digits as it has. */
export function formatTick(value: Decimal, locale: string = readerLocale()): string {
  const magnitude = value.units < 0n ? -value.units : value.units;
  const whole = magnitude / 10n ** BigInt(value.scale);
  const found = kSteps.find(([step]) => whole >= step);
  if (found === undefined) return formatDecimal(value, { locale });
  const scaled: Decimal = { units: value.units, scale: value.scale + found[0].toString().length - 1 };
  return formatDecimal(scaled, { digits: Math.min(3, neededDigits(scaled)), locale }) + found[1];
}

/** Three digits for labels beside marks; the exact number is in the tip, the table and the drawer. */
export function formatShort(value: Decimal, locale: string = readerLocale()): string {
  const magnitude = value.units < 0n ? -value.units : value.units;
  const whole = magnitude / 10n ** BigInt(value.scale);
  for (const [step, suffix] of kSteps) {
    if (whole < step) continue;
    const scaled: Decimal = { units: value.units, scale: value.scale + step.toString().length - 1 };
    const leading = (whole / step).toString().length;
    return formatDecimal(scaled, { digits: Math.max(0, 3 - leading), locale }) + suffix;
  }
  return formatDecimal(value, { digits: whole >= 100n ? 0 : Math.min(2, neededDigits(value)), locale });
}

export function formatValueText(value: Decimal, currency: string): string {
  return `${formatAmount(value)} ${currency}`;
}
