import type { ComponentProps, ReactNode } from 'react'
import { Kbd } from './Kbd.tsx'
import { Ring } from './Ring.tsx'

interface Props extends ComponentProps<'button'> {
  readonly look?: 'primary' | 'quiet' | 'ghost' | 'danger' | 'destroy'
  readonly small?: boolean
  readonly shortcut?: string
  /** Its work is going on: the label stays, a ring stands at its left. */
  readonly busy?: boolean
  readonly children: ReactNode
}

const LOOKS = { primary: 'pri', quiet: '', ghost: 'ghost', danger: 'danger', destroy: 'destroy' } as const

/** A button with words. One primary button on a screen, never two. */
export function Button({ look = 'quiet', small, shortcut, busy = false, className, children, ...rest }: Props) {
  const classes = ['btn', LOOKS[look], small && 'sm', className].filter(Boolean).join(' ')
  return (
    <button type="button" {...rest} className={classes} aria-busy={busy || undefined}>
      {busy && <Ring />}
      {children}
      {shortcut !== undefined && <Kbd keys={shortcut} />}
    </button>
  )
}
