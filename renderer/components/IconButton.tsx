import type { ComponentProps, ReactNode } from 'react'
import { Hint } from './Hint.tsx'

interface Props extends Omit<ComponentProps<'button'>, 'aria-label' | 'title'> {
  /** Its name, for the tooltip and for screen readers. */
  readonly label: string
  readonly shortcut?: string
  /** A line of use, for what does not explain itself. */
  readonly use?: string
  readonly on?: boolean
  readonly small?: boolean
  /** Why it cannot be used now; it stays reachable, so that the reason can be read. */
  readonly unavailable?: string
  readonly children: ReactNode
}

/** A button that is an icon; always with a name and a tooltip. */
export function IconButton({
  label,
  shortcut,
  use,
  on,
  small,
  unavailable,
  className,
  children,
  onClick,
  ...rest
}: Props) {
  const classes = ['ib', on && 'on', small && 'sm', className].filter(Boolean).join(' ')
  return (
    <Hint name={label} shortcut={shortcut} use={unavailable ?? use}>
      <button
        type="button"
        {...rest}
        className={classes}
        aria-label={label}
        aria-pressed={on}
        aria-disabled={unavailable !== undefined || undefined}
        onClick={unavailable === undefined ? onClick : undefined}
      >
        {children}
      </button>
    </Hint>
  )
}
