import { useRef } from 'react'

/** For windows that open with a list or a picture: the window itself has the focus at first, not its first button, whose
 *  tooltip would cover what is shown. */
export function focusWhole(event: Event): void {
  event.preventDefault()
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
}

/** For windows that no button opens (a key does): the focus comes back to where it was. */
export function useReturnFocus(whole = false) {
  const before = useRef<Element>(null)
  return {
    onOpenAutoFocus: (event: Event) => {
      before.current = document.activeElement
      if (whole) focusWhole(event)
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault()
      if (before.current instanceof HTMLElement) before.current.focus()
    },
  }
}
