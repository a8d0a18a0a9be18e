import { Star, X } from 'lucide-react'
import { useState } from 'react'
import { Form } from '../components/Form.tsx'
import { t } from '../language/language.ts'
import type { Image } from '../state/api.ts'
import { board, rate, tag } from '../state/marking.ts'
import { useShelves } from '../state/shelves.ts'

/** Rating, tags and boards of pictures: what all of several share, and what can be put on all of them. */
export function Marks({ images }: { images: readonly Image[] }) {
  const ids = images.map(image => image.id)
  const [first, ...rest] = images
  const shared = (first?.tags ?? []).filter(word => rest.every(({ tags }) => tags?.includes(word)))
  const rating = rest.every(image => image.rating === first?.rating) ? (first?.rating ?? 0) : 0
  return (
    <div className="picture-marks" data-testid="marks">
      <Stars rating={rating} onRate={value => void rate(ids, value)} />
      <div className="tags">
        {shared.map(word => (
          <span key={word} className="token">
            <span className="cut">{word}</span>
            <button
              type="button"
              aria-label={t('Take the tag {word} away', { word })}
              onClick={() => void tag(ids, word, false)}
            >
              <X size={12} strokeWidth={1.5} aria-hidden="true" />
            </button>
          </span>
        ))}
        <NewTag onTag={word => void tag(ids, word, true)} />
        <OnBoard onBoard={id => void board(id, ids, true)} />
      </div>
    </div>
  )
}

function Stars({ rating, onRate }: { rating: number; onRate: (rating: number) => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a frame and a legend
    <div className="stars" role="group" aria-label={t('Rating')}>
      {[1, 2, 3, 4, 5].map(value => (
        <button
          key={value}
          type="button"
          className={value <= rating ? 'lit' : ''}
          aria-label={
            value === rating ? t('Rated {value}; take the rating away', { value }) : t('Rate {value}', { value })
          }
          aria-pressed={value === rating}
          onClick={() => onRate(value === rating ? 0 : value)}
        >
          <Star size={14} strokeWidth={1.5} fill={value <= rating ? 'currentColor' : 'none'} aria-hidden="true" />
        </button>
      ))}
    </div>
  )
}

function NewTag({ onTag }: { onTag: (word: string) => void }) {
  const [word, setWord] = useState('')
  const known = useShelves(state => state.facets?.tags)
  return (
    <Form
      onSubmit={() => {
        onTag(word)
        setWord('')
      }}
    >
      <input
        type="text"
        aria-label={t('Add a tag')}
        placeholder={t('Add a tag')}
        list="known-tags"
        maxLength={100}
        size={12}
        value={word}
        onChange={event => setWord(event.target.value)}
        data-testid="new-tag"
      />
      <datalist id="known-tags">
        {known?.map(each => (
          <option key={each.tag} value={each.tag} />
        ))}
      </datalist>
    </Form>
  )
}

function OnBoard({ onBoard }: { onBoard: (id: string) => void }) {
  const boards = useShelves(state => state.boards)
  if (boards.length === 0) return null
  return (
    <select
      aria-label={t('Put on a board')}
      value=""
      onChange={event => onBoard(event.target.value)}
      data-testid="on-board"
    >
      <option value="" disabled>
        {t('Put on a board')}
      </option>
      {boards.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  )
}
