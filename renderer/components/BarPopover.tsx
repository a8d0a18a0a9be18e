import { Popover } from 'radix-ui'
import type { ReactNode } from 'react'
import { focusWhole } from './dialog-focus.ts'

interface Props {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  /** The button in the bar that opens it. */
  readonly trigger: ReactNode
  readonly label: string
  readonly className: string
  readonly align?: 'center' | 'end'
  readonly testId?: string
  readonly children: ReactNode
}

/** What opens under a button of the top bar. */
export function BarPopover({ open, onOpenChange, trigger, label, className, align = 'end', testId, children }: Props) {
  return (
    <Popover.Root open={open} onOpenChange={onOpenChange}>
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={`pop ${className}`}
          align={align}
          sideOffset={8}
          collisionPadding={12}
          aria-label={label}
          onOpenAutoFocus={focusWhole}
          data-testid={testId}
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
