import { Dice5, Lock, LockOpen } from 'lucide-react'
import { useId, useState } from 'react'
import { Complaint } from '../../components/Complaint.tsx'
import { IconButton } from '../../components/IconButton.tsx'
import { t } from '../../language/language.ts'
import { useShortcuts } from '../../state/bindings.ts'
import { type Field, seedComplaint } from '../../state/form.ts'
import { useCount } from '../../state/form-in-force.ts'
import { parseSeed, rollSeed, seedRange } from '../../state/seed.ts'
import { toggleSeed } from '../../state/seed-lock.ts'
import { edit, endEdit, useStudio } from '../../state/studio.ts'

/** The seed: empty is a new one at each run; a typed one is kept (locked), for whoever types a number wants that number. */
export function SeedField({ field }: { readonly field: Field }) {
  const seed = useStudio(state => state.draft.seed)
  const seedKept = useStudio(state => state.draft.seedKept)
  const count = useCount()
  const [typed, setTyped] = useState<string>()
  const id = useId()
  const shortcut = useShortcuts()
  const text = typed ?? seed
  const wrong = seedComplaint(text)
  const number = parseSeed(seed)
  const range = number === undefined ? undefined : seedRange(number, count)

  const type = (next: string) => {
    setTyped(next)
    const parsed = parseSeed(next)
    if (next.trim() === '') edit('seed', { seed: '', seedKept: false })
    else if (parsed !== undefined) edit('seed', { seed: parsed.toString(), seedKept: true })
  }
  return (
    <>
      <div className={wrong === undefined ? 'field seed' : 'field seed wrong'} data-testid={`field-${field.name}`}>
        <label className="l" htmlFor={id} title={field.description}>
          {field.title}
        </label>
        <input
          id={id}
          className={text.length > 16 ? 'v long' : 'v'}
          inputMode="numeric"
          autoComplete="off"
          spellCheck={false}
          placeholder={t('random')}
          value={text}
          aria-invalid={wrong !== undefined || undefined}
          aria-describedby={wrong === undefined ? undefined : `${id}-wrong`}
          onFocus={endEdit}
          onChange={event => type(event.target.value)}
          onBlur={() => wrong === undefined && setTyped(undefined)}
          onKeyDown={event => {
            if (event.key !== 'Escape' || typed === undefined) return
            event.stopPropagation()
            setTyped(undefined)
          }}
        />
        <IconButton
          label={t('Keep this seed')}
          shortcut={shortcut('keep-seed')}
          use={seedKept ? t('The next run starts from the same noise.') : t('A new seed is taken at each run.')}
          small
          on={seedKept}
          onClick={toggleSeed}
        >
          {seedKept ? <Lock size={14} strokeWidth={1.5} /> : <LockOpen size={14} strokeWidth={1.5} />}
        </IconButton>
        <IconButton
          label={t('New seed')}
          small
          onClick={() => {
            setTyped(undefined)
            endEdit()
            edit('dice', { seed: rollSeed().toString() })
          }}
        >
          <Dice5 size={15} strokeWidth={1.5} />
        </IconButton>
      </div>
      {wrong !== undefined && <Complaint id={`${id}-wrong`} wrong={wrong} />}
      {wrong === undefined && range !== undefined && seedKept && <div className="note">{range}</div>}
    </>
  )
}
