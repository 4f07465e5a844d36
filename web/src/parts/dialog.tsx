// A modal dialog of the browser's own: it keeps the focus inside, closes by Escape, and gives the focus back.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
  title: string;
  close: () => void;
  children: ComponentChildren;
  wide?: boolean;
  bare?: boolean; // without a heading that is seen
}

export function Dialog({ title, close, children, wide = false, bare = false }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  const isGone = useRef(false);
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => {
      isGone.current = true; // another dialog may stand in its place when the event comes
      dialog?.close(); // gives the focus back
    };
  }, []);
  return (
    <dialog
      ref={element} class={wide ? 'wide' : undefined} aria-label={title} onClose={() => { if (!isGone.current) close(); }}
      onClick={(event) => { if (event.target === element.current) close(); }}
    >
      {!bare && <h2>{title}</h2>}
      {children}
    </dialog>
  );
}
