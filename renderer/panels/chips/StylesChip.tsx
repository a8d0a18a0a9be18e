import { SwatchBook, X } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useRef, useState } from 'react'
import { Button } from '../../components/Button.tsx'
import { Form } from '../../components/Form.tsx'
import { Hint } from '../../components/Hint.tsx'
import { IconButton } from '../../components/IconButton.tsx'
import { t } from '../../language/language.ts'
import type { Style } from '../../state/api.ts'
import { useEngine } from '../../state/engine.ts'
import { useForm } from '../../state/form-in-force.ts'
import { useStudio } from '../../state/studio.ts'
import { applyStyle, importStyles, removeStyle, saveStyle } from '../../state/styles.ts'
import { sayFailure } from '../../state/toasts.ts'

/** Words and values under names: those that there are, and what is set up now as a new one. */
export function StylesChip() {
  const [open, setOpen] = useState(false)
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Hint name="Styles">
        <Popover.Trigger className="ib" aria-label={t('Styles')} data-testid="chip-styles">
          <SwatchBook size={16} strokeWidth={1.5} aria-hidden="true" />
        </Popover.Trigger>
      </Hint>
      <Popover.Portal>
        <Popover.Content
          className="pop chip-pop styles"
          side="top"
          align="start"
          sideOffset={8}
          collisionPadding={12}
          aria-label={t('Styles')}
        >
          <StyleList onDone={() => setOpen(false)} />
          <NewStyle />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function StyleList({ onDone }: { onDone: () => void }) {
  const styles = useEngine(state => state.styles)
  const { fields } = useForm()
  const file = useRef<HTMLInputElement>(null)
  const apply = (style: Style) => {
    applyStyle(style, fields)
    onDone()
  }
  return (
    <>
      <div className="styles-head">
        <span>{t('Styles')}</span>
        <Button look="ghost" small onClick={() => file.current?.click()}>
          {t('Import styles.csv…')}
        </Button>
        <input
          ref={file}
          type="file"
          accept=".csv,text/csv"
          hidden
          aria-label={t('A styles.csv')}
          data-testid="styles-file"
          onChange={event => {
            const [chosen] = event.target.files ?? []
            if (chosen !== undefined) importStyles(chosen).catch(sayFailure)
            event.target.value = ''
          }}
        />
      </div>
      {styles.length === 0 && (
        <p className="note">{t('None yet. Save words that you use again and again under a name.')}</p>
      )}
      <ul className="style-list" tabIndex={styles.length > 8 ? 0 : undefined}>
        {styles.map(style => (
          <li key={style.name} className="style-row">
            <button type="button" className="list-item grow" title={style.prompt} onClick={() => apply(style)}>
              <span className="name">{style.name}</span>
              <span className="t12 t3 cut">{style.prompt}</span>
            </button>
            <IconButton
              label={t('Remove {name}', { name: style.name })}
              small
              onClick={() => removeStyle(style).catch(sayFailure)}
            >
              <X size={14} strokeWidth={1.5} />
            </IconButton>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Saves the words as they are, and those of the values that were set by hand which are ticked. */
function NewStyle() {
  const { fields } = useForm()
  const { prompt, values } = useStudio(state => state.draft)
  const [name, setName] = useState('')
  const [words, setWords] = useState(prompt)
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set(['negative']))
  const changed = fields.filter(field => values[field.name] !== undefined)
  const tick = (field: string, on: boolean) =>
    setTicked(old => new Set(on ? [...old, field] : [...old].filter(each => each !== field)))
  const save = () => {
    const kept = Object.entries(values).filter(([key]) => ticked.has(key))
    saveStyle(name.trim(), words, Object.fromEntries(kept)).then(() => setName(''), sayFailure)
  }
  return (
    <Form className="stack new-style" onSubmit={save}>
      <label className="style-field">
        <span className="t12 t2">{t('Words; {prompt} stands for those in the prompt', {})}</span>
        <textarea rows={2} value={words} onChange={event => setWords(event.target.value)} data-testid="style-words" />
      </label>
      {changed.length > 0 && (
        <fieldset className="style-values">
          <legend className="sr">{t('Settings to keep')}</legend>
          {changed.map(field => (
            <label key={field.name}>
              <input
                type="checkbox"
                checked={ticked.has(field.name)}
                onChange={event => tick(field.name, event.target.checked)}
              />
              {field.title}
            </label>
          ))}
        </fieldset>
      )}
      <div className="style-save">
        <input
          type="text"
          aria-label={t('Name of the style')}
          placeholder={t('Name')}
          maxLength={80}
          value={name}
          onChange={event => setName(event.target.value)}
          data-testid="style-name"
        />
        <Button look="quiet" type="submit" disabled={name.trim() === ''} data-testid="style-save">
          {t('Save')}
        </Button>
      </div>
    </Form>
  )
}
