import { NumberField } from '../../components/NumberField.tsx'
import { t } from '../../language/language.ts'

interface ShareProps {
  readonly title: string
  readonly value: number
  readonly most: number
  readonly onChange: (value: number) => void
}

/** A share in percent. */
export function Share({ title, value, most, onChange }: ShareProps) {
  const percent = Math.round(value * 100)
  const outside = {
    sentence: t('{title} goes from {minimum} to {maximum}.', { title, minimum: 0, maximum: `${most * 100} %` }),
  }
  return (
    <NumberField
      name={`steering-${title.toLowerCase()}`}
      title={title}
      unit="%"
      value={percent}
      minimum={0}
      maximum={most * 100}
      step={1}
      check={next => (next !== undefined && next >= 0 && next <= most * 100 ? undefined : outside)}
      onChange={next => onChange(next / 100)}
      onReset={() => onChange(1)}
    />
  )
}
