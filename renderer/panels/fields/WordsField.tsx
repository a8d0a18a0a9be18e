import { useId } from 'react'
import { Growing } from '../../components/Growing.tsx'
import { valueInForce } from '../../state/form.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import type { RowProps } from './row-props.ts'

/** Words of a parameter beside the prompt, one to five lines. */
export function WordsField({ field, values, model }: RowProps) {
  const id = useId()
  return (
    <div className="words" data-testid={`field-${field.name}`}>
      <label className="sr" htmlFor={id}>
        {field.title}
      </label>
      <Growing
        id={id}
        value={String(valueInForce(field, values, model) ?? '')}
        lines={5}
        data-prompt
        placeholder={field.description}
        onFocus={endEdit}
        onChange={event => setValue(field.name, event.target.value === '' ? undefined : event.target.value)}
      />
    </div>
  )
}
