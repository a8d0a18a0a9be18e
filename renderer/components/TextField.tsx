import type { ComponentProps } from 'react'

interface Props extends Omit<ComponentProps<'input'>, 'onChange' | 'className'> {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

/** A line of text, under what it is asked for. */
export const TextField = ({ label, onChange, ...others }: Props) => (
  <label className="text-field">
    <span className="t12 t3">{label}</span>
    <input {...others} className="input" onChange={event => onChange(event.target.value)} />
  </label>
)
