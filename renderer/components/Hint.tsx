import { Tooltip } from 'radix-ui'
import { type ReactNode, useEffect, useState } from 'react'
import { flushSync } from 'react-dom'

interface Props {
  readonly name: string
  readonly shortcut?: string
  readonly use?: string
  readonly side?: 'top' | 'right' | 'bottom' | 'left'
  readonly children: ReactNode
}

/** Closes the tooltip that is open. */
let closeOpen: (() => void) | undefined

/** A tooltip is no layer of its own: Esc takes it away and goes on to what it is meant for. It must be gone before the
 *  layers under it hear the key, so this listens first and renders at once. */
if (typeof window !== 'undefined') {
  window.addEventListener('keydown', event => event.key === 'Escape' && closeOpen && flushSync(closeOpen), true)
}

/** A tooltip: name, shortcut, and one line of use where that is not plain. */
export function Hint({ name, shortcut, use, side = 'bottom', children }: Props) {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    if (!open) return
    const close = () => setOpen(false)
    closeOpen = close
    return () => {
      if (closeOpen === close) closeOpen = undefined
    }
  }, [open])
  return (
    <Tooltip.Root open={open} onOpenChange={setOpen}>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tip" side={side} sideOffset={6} collisionPadding={8}>
          <span className="row">
            {name}
            {shortcut !== undefined && <kbd>{shortcut}</kbd>}
          </span>
          {use !== undefined && <span className="tip-use">{use}</span>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
