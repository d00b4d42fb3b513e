// Just enough of ZIP and SpreadsheetML to read the cells of a sheet back.
import { inflateRawSync } from "node:zlib";

function entries(file: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  const end = file.lastIndexOf(Buffer.from("PK\u0005\u0006", "latin1"));
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size, nameSize, extra, comment, local] = [
      file.readUInt16LE(at + 10), file.readUInt32LE(at + 20), file.readUInt16LE(at + 28),
      file.readUInt16LE(at + 30), file.readUInt16LE(at + 32), file.readUInt32LE(at + 42),
    ];
    const name = file.toString("utf8", at + 46, at + 46 + nameSize);
    const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    const packed = file.subarray(start, start + size);
    found.set(name, method === 0 ? packed : inflateRawSync(packed));
    at += 46 + nameSize + extra + comment;
  }
  return found;
}

function plain(xml: string): string {
  return xml.replace(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&apos;", "'").replaceAll("&amp;", "&");
}

export interface Sheet {
  readonly cells: readonly (readonly string[])[];
  readonly formulas: readonly string[];
}

/** The texts of the first sheet, row by row, as they are stored. */
export function readSheet(file: Buffer): Sheet {
  const parts = entries(file);
  const shared = [...(parts.get("xl/sharedStrings.xml")?.toString("utf8") ?? "").matchAll(/<si>(.*?)<\/si>/gs)].map((match) => plain(match[1] ?? ""));
  const xml = parts.get("xl/worksheets/sheet1.xml")?.toString("utf8") ?? "";
  const cells = [...xml.matchAll(/<row[^>]*>(.*?)<\/row>/gs)].map((row) =>
    [...(row[1] ?? "").matchAll(/<c ([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)].map((cell) => {
      const value = plain(/<v>(.*?)<\/v>/s.exec(cell[2] ?? "")?.[1] ?? /<is>(.*?)<\/is>/s.exec(cell[2] ?? "")?.[1] ?? "");
      return /t="s"/.test(cell[1] ?? "") ? shared[Number(value)] ?? "" : value;
    }));
  return { cells, formulas: [...xml.matchAll(/<f>(.*?)<\/f>/gs)].map((match) => plain(match[1] ?? "")) };
}
