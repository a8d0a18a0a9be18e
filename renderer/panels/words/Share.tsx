import { useId } from 'react'

/** A share of the run as a slider with its number. */
export function Share({
  name,
  title,
  about,
  value,
  minimum = 0,
  maximum = 1,
  step = 0.05,
  onChange,
}: {
  name: string
  title: string
  about: string
  value: number
  minimum?: number
  maximum?: number
  step?: number
  onChange: (value: number) => void
}) {
  const id = useId()
  return (
    <div className="words-share" title={about}>
      <label htmlFor={id}>{title}</label>
      <input
        id={id}
        type="range"
        min={minimum}
        max={maximum}
        step={step}
        value={value}
        onChange={event => onChange(Number(event.target.value))}
        data-testid={`words-${name}`}
      />
      <output htmlFor={id} className="num">
        {value.toFixed(2)}
      </output>
    </div>
  )
}
