import { X } from 'lucide-react'
import { useId } from 'react'
import { IconButton } from '../../components/IconButton.tsx'
import { t } from '../../language/language.ts'
import { valueInForce } from '../../state/form.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import type { RowProps } from './row-props.ts'

/** A colour that may be left out. */
export function ColourField({ field, values, model }: RowProps) {
  const id = useId()
  const value = String(valueInForce(field, values, model) ?? '')
  return (
    <div className="sw-row" data-testid={`field-${field.name}`}>
      <label htmlFor={id} className="grow" title={field.description}>
        {field.title}
        {value !== '' && <i className="changed" />}
      </label>
      <span className="t12 t2">{value === '' ? t('none') : value}</span>
      <input
        id={id}
        type="color"
        className="swatch-input"
        value={value === '' ? '#808080' : value}
        onFocus={endEdit}
        onChange={event => setValue(field.name, event.target.value)}
      />
      {value !== '' && (
        <IconButton label={t('None: {title}', { title: field.title })} onClick={() => setValue(field.name, undefined)}>
          <X size={14} strokeWidth={1.5} />
        </IconButton>
      )}
    </div>
  )
}
