// A page's heading. It takes the focus after navigation, so that keyboards and screen readers begin where the page does.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type TabState, useTitle } from './title.ts';

let isFirst = true; // of the whole visit: there the browser has set the focus where it belongs

interface Props {
  title: string;
  tab?: TabState;
  above?: ComponentChildren;
  children?: ComponentChildren; // in the place of the title's words
  actions?: ComponentChildren;
}

export function Heading({ title, tab = 'idle', above, children, actions }: Props) {
  const element = useRef<HTMLHeadingElement>(null);
  useTitle(title, tab);
  useEffect(() => {
    const isVisit = isFirst;
    isFirst = false;
    if (isVisit) return undefined;
    // In the next frame: what led here, a dialog for one, has closed and given the focus back by then.
    const frame = requestAnimationFrame(() => element.current?.focus({ preventScroll: true }));
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <header class="heading">
      <div>
        {above && <nav class="above" aria-label="Where this is">{above}</nav>}
        <h1 tabIndex={-1} ref={element}>{children ?? title}</h1>
      </div>
      {actions && <div class="actions">{actions}</div>}
    </header>
  );
}
