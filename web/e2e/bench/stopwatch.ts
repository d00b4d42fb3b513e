// Runs inside the page, before anything of the product: times an act from the browser's own stamp of
// the input to the frame that shows the last of the new numbers.

export interface Timing {
  readonly shown_ms: number; // from the input to the frame with the new numbers
  readonly answer_ms: number; // of that, from the first request to the last byte of the last answer
  readonly requests: number;
  readonly longest_task_ms: number; // the longest stretch in which the page could not answer
}

export interface Loading {
  readonly first_paint_ms: number; // Chromium's "first-contentful-paint"
  readonly numbers_ms: number; // until every panel shows its numbers
  readonly answer_ms: number; // the last byte of the last answer
  readonly requests: number;
}

export interface Stopwatch {
  begin: () => void;
  timing: () => Promise<Timing>;
  loading: () => Promise<Loading>;
}

declare global {
  interface Window {
    stopwatch: Stopwatch;
  }
}

/** Given to the browser as text, so it uses nothing from outside itself. */
export function installStopwatch(): void {
  const kQuietMs = 400; // no change for so long: all is shown
  let input = 0;
  let shown = 0;
  let changed = 0;
  const tasks: PerformanceEntry[] = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: "longtask", buffered: true });
  performance.setResourceTimingBufferSize(5000);
  // Of a drag the button's release counts; of a click too.
  for (const type of ["pointerup", "change"]) {
    document.addEventListener(type, (event) => {
      if (input === 0) input = event.timeStamp;
    }, { capture: true });
  }
  window.addEventListener("popstate", (event) => {
    if (input === 0) input = event.timeStamp;
  });
  const isBusy = (): boolean => document.querySelector(".skeleton, [aria-busy=true]") !== null;
  const observer = new MutationObserver(() => {
    changed = performance.now();
    // A message after the frame's callback is handled once the frame has been made.
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => { shown = performance.now(); };
      channel.port2.postMessage(null);
    });
  });
  observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["aria-busy", "d"] });
  const settled = async (): Promise<void> => {
    const first = performance.now();
    while (isBusy() || performance.now() - Math.max(first, changed, shown) < kQuietMs) {
      await new Promise((done) => setTimeout(done, 20));
    }
  };
  const answers = (since: number): PerformanceResourceTiming[] =>
    performance.getEntriesByType("resource")
      .filter((entry): entry is PerformanceResourceTiming => entry instanceof PerformanceResourceTiming)
      .filter((entry) => entry.startTime >= since && /\/(values|rows)\?/.test(entry.name));
  const lastByte = (entries: readonly PerformanceResourceTiming[]): number => Math.max(0, ...entries.map((entry) => entry.responseEnd));
  window.stopwatch = {
    begin: () => {
      input = 0;
      shown = 0;
    },
    timing: async () => {
      await settled();
      if (input === 0 || shown < input) throw new Error("nothing changed after the input");
      const measured = performance.measure("interaction", { start: input, end: shown });
      const asked = answers(input);
      const blocked = tasks.filter((task) => task.startTime >= input && task.startTime <= shown).map((task) => task.duration);
      return {
        shown_ms: measured.duration, requests: asked.length,
        answer_ms: asked.length === 0 ? 0 : lastByte(asked) - Math.min(...asked.map((entry) => entry.startTime)),
        longest_task_ms: Math.max(0, ...blocked),
      };
    },
    loading: async () => {
      await settled();
      const paint = performance.getEntriesByName("first-contentful-paint")[0];
      if (paint === undefined) throw new Error("Chromium stated no first contentful paint");
      return { first_paint_ms: paint.startTime, numbers_ms: shown, answer_ms: lastByte(answers(0)), requests: answers(0).length };
    },
  };
}
