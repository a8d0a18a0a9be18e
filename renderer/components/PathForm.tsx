import { t } from '../language/language.ts'
import { Button } from './Button.tsx'
import { Form } from './Form.tsx'

interface Props {
  /** What is asked for, e.g. "Path of a folder". */
  readonly words: string
  readonly path: string
  /** While it is looked at nothing else is taken. */
  readonly adding: boolean
  readonly inputId: string
  readonly buttonId: string
  readonly onChange: (path: string) => void
  readonly onAdd: (path: string) => void
}

/** A path that is typed or pasted, perhaps in the quotes that a file manager puts around it. */
export function PathForm({ words, path, adding, inputId, buttonId, onChange, onAdd }: Props) {
  const isEmpty = path.trim() === ''
  return (
    <Form
      className="get-form"
      onSubmit={() => {
        if (!adding && !isEmpty) onAdd(path.trim().replace(/^"(.*)"$/, '$1'))
      }}
    >
      <label className="field">
        <span className="sr">{words}</span>
        <input
          type="text"
          placeholder={words}
          spellCheck={false}
          autoComplete="off"
          value={path}
          onChange={event => onChange(event.target.value)}
          data-testid={inputId}
        />
      </label>
      <Button small type="submit" busy={adding} disabled={adding || isEmpty} data-testid={buttonId}>
        {t('Add')}
      </Button>
    </Form>
  )
}
