import { type CSSProperties, useEffect, useId, useRef, useState } from 'react'
import { evaluate } from '../state/arithmetic.ts'
import type { Complaint as Wrong } from '../state/form.ts'
import { Complaint } from './Complaint.tsx'
import { keySteps, share, spell, stepped } from './number.ts'
import { useScrub } from './use-scrub.ts'

interface Props {
  readonly name: string
  readonly title: string
  /** Shown instead of the title where there is little room. */
  readonly label?: string
  readonly unit?: string
  /** Shown instead of the number while it is not typed: what it means. */
  readonly words?: string | undefined
  readonly description?: string
  readonly value: number
  /** The model's own value: a tick on the slider. */
  readonly own?: number
  readonly minimum: number
  readonly maximum: number
  /** Where the slider ends; typing may go on to the maximum. */
  readonly softMaximum?: number
  /** Where it begins; typing may go down to the minimum. */
  readonly softMinimum?: number | undefined
  readonly step: number
  readonly changed?: boolean
  /** Without a fill: a plain field that can be scrubbed all the same. */
  readonly plain?: boolean
  readonly check: (value: number | undefined) => Wrong | undefined
  readonly onChange: (value: number) => void
  /** A gesture (scrub, keys, typing) begins: what follows is one step of undo. */
  readonly onStart?: () => void
  readonly onReset?: () => void
}

const COMPLAIN_AFTER = 250

/** A number as one field: drag to scrub, click to type (sums are understood), arrow keys, double click on the label for the
 *  model's own value. A wrong entry stays readable with its sentence; the last good value stays in force. */
export function NumberField(props: Props) {
  const { name, title, label = title, unit, description, value, own, minimum, maximum, step, changed, plain } = props
  const soft = Math.max(props.softMaximum ?? maximum, value)
  const low = Math.min(props.softMinimum ?? minimum, value)
  const [typed, setTyped] = useState<string>()
  const [editing, setEditing] = useState(false)
  const [wrong, setWrong] = useState<Wrong>()
  const box = useRef<HTMLDivElement>(null)
  const complaintId = useId()

  const set = (next: number) => {
    setTyped(undefined)
    setWrong(undefined)
    if (next !== value) props.onChange(next)
  }
  const begin = (text: string) => {
    props.onStart?.()
    setTyped(text)
    setEditing(true)
  }
  const commit = () => {
    setEditing(false)
    if (typed === undefined || typed === spell(value, step)) return restore()
    const next = evaluate(typed)
    const complaint = props.check(next)
    setWrong(complaint)
    if (complaint === undefined && next !== undefined) set(next)
  }
  const restore = () => {
    setEditing(false)
    setTyped(undefined)
    setWrong(undefined)
  }
  const reset = () => {
    restore()
    props.onReset?.()
  }
  const move = (count: number) => set(stepped(value, count, { minimum: low, maximum: Math.max(soft, value), step }))

  useEffect(() => {
    if (!editing || typed === undefined) return
    const timer = setTimeout(() => setWrong(props.check(evaluate(typed))), COMPLAIN_AFTER)
    return () => clearTimeout(timer)
  }, [editing, typed, props.check])

  const scrub = useScrub({
    start: props.onStart,
    click: () => begin(typed ?? spell(value, step)),
    drag: (from, pixels) => set(stepped(from, pixels, { minimum: low, maximum: soft, step })),
    value,
  })
  useWheel(box, !editing, direction => move(direction))

  const keys = (event: React.KeyboardEvent) => {
    if (editing) return
    const count = keySteps(event.key, event)
    if (event.ctrlKey || event.metaKey) return
    if (count !== undefined) move(event.altKey && step === 1 ? Math.sign(count) : count)
    else if (event.key === 'Home') set(low)
    else if (event.key === 'End') set(soft)
    else if (event.key === 'Enter') begin(typed ?? spell(value, step))
    else if (/^[0-9.(-]$/.test(event.key)) begin(event.key)
    else if (event.key === 'Delete' || event.key === 'Backspace') reset()
    else if (event.key === 'Escape' && typed !== undefined) restore()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const place: CSSProperties & { '--p': string } = { '--p': `${share(value, { minimum: low, maximum: soft }) * 100}%` }
  const tick = own === undefined || own === value ? undefined : `${share(own, { minimum: low, maximum: soft }) * 100}%`
  const classes = ['nf', plain && 'plain', wrong && 'wrong', editing && 'editing'].filter(Boolean).join(' ')
  const spoken = props.words ?? (unit === undefined ? spell(value, step) : `${spell(value, step)} ${unit}`)
  return (
    <>
      <div
        className={classes}
        style={place}
        ref={box}
        data-testid={`field-${name}`}
        data-changed={changed || undefined}
        {...scrub}
      >
        {tick !== undefined && !plain && <i className="def" style={{ left: tick }} />}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: a shortcut of the mouse; the keyboard resets with Delete */}
        <span className="l" title={description} onDoubleClick={reset}>
          {label}
          {changed && <i className="changed" />}
        </span>
        {editing ? (
          <Typing
            title={title}
            text={typed ?? ''}
            wrong={wrong !== undefined}
            describedBy={complaintId}
            onText={setTyped}
            onCommit={() => {
              commit()
              queueMicrotask(() => box.current?.querySelector<HTMLElement>('[role=slider]')?.focus())
            }}
            onLeave={commit}
            onRestore={() => {
              restore()
              queueMicrotask(() => box.current?.querySelector<HTMLElement>('[role=slider]')?.focus())
            }}
          />
        ) : (
          <span
            className="v"
            role="slider"
            tabIndex={0}
            aria-label={title}
            aria-valuemin={minimum}
            aria-valuemax={maximum}
            aria-valuenow={value}
            aria-valuetext={spoken}
            aria-describedby={wrong === undefined ? undefined : complaintId}
            onKeyDown={keys}
          >
            {typed ?? props.words ?? spell(value, step)}
          </span>
        )}
        {unit !== undefined && <span className="u">{unit}</span>}
      </div>
      {wrong !== undefined && <Complaint id={complaintId} wrong={wrong} onFix={set} />}
    </>
  )
}

interface TypingProps {
  readonly title: string
  readonly text: string
  readonly wrong: boolean
  readonly describedBy: string
  readonly onText: (text: string) => void
  readonly onCommit: () => void
  readonly onLeave: () => void
  readonly onRestore: () => void
}

/** The field while somebody types in it. */
function Typing({ title, text, wrong, describedBy, onText, onCommit, onLeave, onRestore }: TypingProps) {
  const input = useRef<HTMLInputElement>(null)
  const whole = useRef(text.length > 1)
  useEffect(() => {
    input.current?.focus()
    if (whole.current) input.current?.select()
  }, [])
  return (
    <input
      ref={input}
      className="v"
      aria-label={title}
      aria-invalid={wrong || undefined}
      aria-describedby={wrong ? describedBy : undefined}
      inputMode="decimal"
      autoComplete="off"
      spellCheck={false}
      value={text}
      onChange={event => onText(event.target.value)}
      onBlur={onLeave}
      onKeyDown={event => {
        if (event.ctrlKey || event.metaKey) return
        if (event.key === 'Enter') onCommit()
        else if (event.key === 'Escape') onRestore()
        else return
        event.preventDefault()
        event.stopPropagation()
      }}
    />
  )
}

/** The wheel changes the value only while the field has the focus; else it scrolls the panel. */
function useWheel(box: React.RefObject<HTMLElement | null>, active: boolean, turn: (direction: number) => void) {
  const latest = useRef(turn)
  latest.current = turn
  useEffect(() => {
    const element = box.current
    if (element === null || !active) return
    const wheel = (event: WheelEvent) => {
      if (!element.contains(document.activeElement)) return
      event.preventDefault()
      latest.current(-Math.sign(event.deltaY))
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => element.removeEventListener('wheel', wheel)
  }, [box, active])
}
