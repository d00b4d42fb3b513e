import type { Theme } from "../view/view";

const kKey = "bullion-theme";

function isTheme(value: string | null): value is Theme {
  return value === "light" || value === "dark";
}

function put(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
}

/** What the reader chose before, else what the system prefers. */
export function startTheme(): Theme {
  let remembered: string | null = null;
  try {
    remembered = window.localStorage.getItem(kKey);
  } catch {
    remembered = null; // Storage may be refused; the theme then lasts for the page.
  }
  const theme = isTheme(remembered) ? remembered
    : window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  put(theme);
  return theme;
}

export function rememberTheme(theme: Theme): void {
  put(theme);
  try {
    window.localStorage.setItem(kKey, theme);
  } catch {
    return;
  }
}
