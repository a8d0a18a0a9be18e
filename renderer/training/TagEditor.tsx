import { useState } from 'react'
import { Button } from '../components/Button.tsx'
import { Form } from '../components/Form.tsx'
import { Segmented } from '../components/Segmented.tsx'
import { t } from '../language/language.ts'
import { editTags, type TagEdit } from '../state/teach.ts'

type Kind = 'add' | 'remove' | 'replace'

const KINDS = [
  { value: 'add', label: 'Add' },
  { value: 'remove', label: 'Take out' },
  { value: 'replace', label: 'Replace' },
] as const satisfies readonly { value: Kind; label: string }[]

const HINTS: Readonly<Record<Kind, string>> = {
  add: 'Put first in every caption',
  remove: 'Taken out of every caption',
  replace: 'What captions say now',
}

interface Props {
  readonly pictures: 'all' | readonly number[]
  /** What can be taken out or replaced, to choose from. */
  readonly tags: readonly string[]
  readonly name: string
}

/** Tags of many captions at once: one comes first, one goes, or one becomes another. */
export function TagEditor({ pictures, tags, name }: Props) {
  const [kind, setKind] = useState<Kind>('add')
  const [word, setWord] = useState('')
  const [other, setOther] = useState('')
  const isReady = word.trim() !== '' && (kind !== 'replace' || other.trim() !== '')
  const list = `${name}-tags`
  const submit = () => {
    if (!isReady) return
    void editTags(pictures, editOf(kind, word.trim(), other.trim()))
    setWord('')
    setOther('')
  }
  return (
    <Form className="tag-form" onSubmit={submit} data-testid={`${name}-form`}>
      <Segmented fill label={t('What is done to the words')} value={kind} choices={KINDS} onChange={setKind} />
      <div className="tag-fields">
        <TagField label={t(HINTS[kind])} value={word} list={kind === 'add' ? undefined : list} onChange={setWord} />
        {kind === 'replace' && <TagField label={t('What they shall say')} value={other} onChange={setOther} />}
        <Button small type="submit" disabled={!isReady} data-testid={`${name}-apply`}>
          {pictures === 'all' ? t('All pictures') : t('{count} pictures', { count: pictures.length })}
        </Button>
      </div>
      <datalist id={list}>
        {tags.map(tag => (
          <option key={tag} value={tag} />
        ))}
      </datalist>
    </Form>
  )
}

const editOf = (kind: Kind, word: string, other: string): TagEdit => {
  if (kind === 'add') return { addFirst: [word] }
  return kind === 'remove' ? { remove: [word] } : { replace: [{ from: word, to: other }] }
}

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly list?: string
  readonly onChange: (value: string) => void
}

function TagField({ label, value, list, onChange }: FieldProps) {
  return (
    <label className="field">
      <span className="sr">{label}</span>
      <input
        type="text"
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        list={list}
        value={value}
        onChange={event => onChange(event.target.value)}
      />
    </label>
  )
}
