import { useId } from 'react'
import { valueInForce } from '../../state/form.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import type { RowProps } from './row-props.ts'

/** A line of text with its name above it. */
export function LineField({ field, values, model }: RowProps) {
  const id = useId()
  return (
    <div className="stack line-field" data-testid={`field-${field.name}`}>
      <label className="t12 t2" htmlFor={id} title={field.description}>
        {field.title}
      </label>
      <input
        id={id}
        className="field"
        value={String(valueInForce(field, values, model) ?? '')}
        placeholder={field.description}
        onFocus={endEdit}
        onChange={event => setValue(field.name, event.target.value === '' ? undefined : event.target.value)}
      />
    </div>
  )
}
