import { Check, ChevronDown } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useState } from 'react'
import { t } from '../../language/language.ts'
import type { ModelInfo } from '../../state/api.ts'
import { classesFound, className } from '../../state/classes.ts'
import { valueInForce } from '../../state/form.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import { NumberRow } from './FieldRow.tsx'
import type { RowProps } from './row-props.ts'

/** A class that the model was trained on: by its name where the model tells their names, else by its number. */
export function ClassField(props: RowProps) {
  const { field, model, values } = props
  const names = model?.classNames ?? []
  const most = model?.classes === undefined ? field.maximum : model.classes - 1
  if (names.length === 0) return <NumberRow {...props} field={{ ...field, maximum: most, softMaximum: most }} />
  const value = Number(valueInForce(field, values, model) ?? 0)
  return (
    <Popover.Root>
      <Popover.Trigger className="field" data-testid={`field-${field.name}`}>
        <span className="l" title={field.description}>
          {field.title}
        </span>
        <span className="v cut">{className(model, value)}</span>
        <ChevronDown size={14} strokeWidth={1.5} aria-hidden="true" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="pop classes"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label={field.title}
        >
          <ClassList
            model={model}
            value={value}
            choose={next => {
              endEdit()
              setValue(field.name, next)
            }}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

interface ListProps {
  readonly model: ModelInfo | undefined
  readonly value: number
  readonly choose: (value: number) => void
}

function ClassList({ model, value, choose }: ListProps) {
  const [words, setWords] = useState('')
  const found = classesFound(model?.classNames ?? [], words)
  return (
    <>
      <label className="field">
        <span className="sr">{t('Find a class')}</span>
        <input
          type="text"
          placeholder={t('Find one of {count}', { count: model?.classNames?.length ?? 0 })}
          spellCheck={false}
          value={words}
          onChange={event => setWords(event.target.value)}
          data-testid="find-class"
        />
      </label>
      <div className="pop-list class-list">
        {found.length === 0 && <p className="note">{t('No class is called “{words}”.', { words: words.trim() })}</p>}
        {found.map(index => (
          <Popover.Close
            key={index}
            className={index === value ? 'list-item on' : 'list-item'}
            aria-current={index === value || undefined}
            onClick={() => choose(index)}
          >
            <span className="tick">{index === value && <Check size={14} strokeWidth={1.5} aria-hidden="true" />}</span>
            <span className="grow cut">{className(model, index)}</span>
            <span className="t12 t3 num">{index}</span>
          </Popover.Close>
        ))}
      </div>
    </>
  )
}
