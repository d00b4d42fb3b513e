import type { ComponentChildren } from "preact";
import { navigate } from "../view/location";

interface LinkProps {
  readonly to: string;
  readonly class?: string;
  readonly current?: boolean;
  readonly children: ComponentChildren;
}

/** A link inside of the product; new tabs and copied addresses work as with any link. */
export function Link({ to, class: name, current, children }: LinkProps) {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={to} class={name} aria-current={current === true ? "page" : undefined} onClick={follow}>
      {children}
    </a>
  );
}
