import { useEffect, useRef } from 'react'
import { Form } from '../../components/Form.tsx'
import { TextField } from '../../components/TextField.tsx'
import { t } from '../../language/language.ts'
import type { Image } from '../../state/api.ts'
import { chipsOf, type WordChange } from '../../state/edit-words.ts'
import { changeWord, drawEdit, setEdit, type WordEdit, wordsOf } from '../../state/word-edit.ts'
import { lookAtWords, useWordLooks } from '../../state/word-looks.ts'
import { Share } from './Share.tsx'

/** The prompt's words as chips; a click opens a word's edit. */
export function WordChips({ picture, edit }: { picture: Image; edit: WordEdit }) {
  const chips = chipsOf(wordsOf(picture))
  useEffect(() => () => useWordLooks.setState({ pointed: undefined }), [])
  const open = edit.open === undefined ? undefined : chips[edit.open]
  return (
    <>
      <fieldset className="word-chips" aria-label={t('Words of the picture')}>
        {chips.map(({ text, isWord }, k) =>
          isWord ? (
            <Chip
              // biome-ignore lint/suspicious/noArrayIndexKey: a word is known by its place alone
              key={k}
              text={text}
              change={edit.changes[k]}
              isOpen={edit.open === k}
              onOpen={() => {
                setEdit(picture, { open: edit.open === k ? undefined : k })
                void lookAtWords(picture)
              }}
              onPoint={isPointed => useWordLooks.setState({ pointed: isPointed ? k : undefined })}
            />
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <span key={k} className="t3" aria-hidden="true">
              {text}
            </span>
          ),
        )}
      </fieldset>
      {open !== undefined && edit.open !== undefined && (
        <WordForm
          key={edit.open}
          picture={picture}
          chip={edit.open}
          text={open.text}
          change={edit.changes[edit.open]}
        />
      )}
    </>
  )
}

function Chip(props: {
  text: string
  change: WordChange | undefined
  isOpen: boolean
  onOpen: () => void
  onPoint: (isPointed: boolean) => void
}) {
  const { text, change = {}, isOpen, onOpen, onPoint } = props
  const { swap, weight } = change
  const said = [
    ...(swap === undefined ? [] : [swap === '' ? t('taken away') : t('now {word}', { word: swap })]),
    ...(weight === undefined ? [] : [t('weight {weight}', { weight: weight.toFixed(1) })]),
  ]
  return (
    <button
      type="button"
      className={isOpen ? 'word-chip on' : 'word-chip'}
      aria-expanded={isOpen}
      aria-label={[text, ...said].join(', ')}
      onClick={onOpen}
      onPointerEnter={() => onPoint(true)}
      onPointerLeave={() => onPoint(false)}
      data-testid={`word-${text}`}
    >
      {swap === undefined ? text : <s>{text}</s>}
      {swap !== undefined && swap !== '' && <b>{swap}</b>}
      {weight !== undefined && (
        <span
          className="word-weight"
          style={{ width: `${Math.min(Math.abs(weight - 1) / 3, 1) * 50}%`, [weight > 1 ? 'left' : 'right']: '50%' }}
        />
      )}
    </button>
  )
}

/** What stands in a word's place, and how much it counts. */
function WordForm(props: { picture: Image; chip: number; text: string; change: WordChange | undefined }) {
  const { picture, chip, text, change = {} } = props
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])
  return (
    <Form
      className="word-form"
      onSubmit={() => void drawEdit(picture)}
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        setEdit(picture, { open: undefined })
      }}
    >
      <TextField
        label={t('In place of “{word}”; empty takes it away', { word: text })}
        ref={field}
        value={change.swap ?? text}
        onChange={swap => changeWord(picture, chip, { swap })}
        data-testid="word-swap"
      />
      <Share
        name="weight"
        title={t('Weight')}
        about={t('How much the word counts; 1: as it is.')}
        value={change.weight ?? 1}
        minimum={-2}
        maximum={4}
        step={0.1}
        onChange={weight => changeWord(picture, chip, { weight })}
      />
    </Form>
  )
}
