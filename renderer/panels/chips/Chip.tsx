import { ChevronDown } from 'lucide-react'
import { Popover } from 'radix-ui'
import type { ReactNode } from 'react'

interface Props {
  /** What it is about, for screen readers; the value stands on it. */
  readonly label: string
  readonly value: ReactNode
  readonly picture?: string
  readonly width?: number
  readonly testId: string
  readonly children: ReactNode
}

/** A value in the dock that opens a small window to change it. */
export function Chip({ label, value, picture, width = 280, testId, children }: Props) {
  return (
    <Popover.Root>
      <Popover.Trigger className="chip" data-testid={testId}>
        <span className="sr">{label}: </span>
        {picture !== undefined && <img src={picture} alt="" />}
        <span className="v num cut">{value}</span>
        <ChevronDown size={14} strokeWidth={1.5} aria-hidden="true" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="pop chip-pop"
          side="top"
          align="start"
          sideOffset={8}
          collisionPadding={12}
          style={{ width }}
          aria-label={label}
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
