// A button with more actions under it. Built on <details>, so that it works by keyboard as browsers have it.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export function Menu({ label, children }: { label: ComponentChildren; children: ComponentChildren }) {
  const element = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const shut = (event: Event): void => {
      const menu = element.current;
      if (!menu?.open) return;
      const inside = event.target instanceof Node && menu.contains(event.target);
      if (event instanceof KeyboardEvent) {
        if (event.key !== 'Escape') return;
        if (inside) menu.querySelector('summary')?.focus();
      } else if (inside && event.type === 'pointerdown') return;
      menu.open = false;
    };
    document.addEventListener('pointerdown', shut);
    document.addEventListener('keydown', shut);
    return () => {
      document.removeEventListener('pointerdown', shut);
      document.removeEventListener('keydown', shut);
    };
  }, []);
  return (
    <details class="menu" ref={element}>
      <summary>{label}</summary>
      <div class="items" onClick={() => { if (element.current) element.current.open = false; }}>{children}</div>
    </details>
  );
}
