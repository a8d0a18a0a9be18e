interface Props<Value extends string> {
  /** How it is called in the page: `control-model`. */
  readonly id: string
  readonly title: string
  readonly value: Value
  /** Dimmed: what is no use now, though it can be chosen. */
  readonly choices: readonly { readonly value: Value; readonly label: string; readonly isDimmed?: boolean }[]
  readonly onChange: (value: Value) => void
}

/** One of several, in a menu under what it is. */
export function Choice<Value extends string>({ id, title, value, choices, onChange }: Props<Value>) {
  const choose = (next: string) => {
    const chosen = choices.find(each => each.value === next)
    if (chosen !== undefined) onChange(chosen.value)
  }
  return (
    <>
      <label className="t12 t2" htmlFor={id}>
        {title}
      </label>
      <select id={id} className="field" value={value} onChange={event => choose(event.target.value)} data-testid={id}>
        {choices.map(each => (
          <option key={each.value} value={each.value} className={each.isDimmed ? 't3' : undefined}>
            {each.label}
          </option>
        ))}
      </select>
    </>
  )
}
