import { Pipette } from 'lucide-react'
import { t } from '../language/language.ts'
import { toggleToken, useGallery } from '../state/gallery.ts'
import { tokenOf, useShelves } from '../state/shelves.ts'

/** Colours that pictures are looked for by most. */
const COLOURS = [
  { hex: '#d93636', title: 'Red' },
  { hex: '#ef8a35', title: 'Orange' },
  { hex: '#f2cc3f', title: 'Yellow' },
  { hex: '#4e9f4c', title: 'Green' },
  { hex: '#3aa6a0', title: 'Teal' },
  { hex: '#3f7fd0', title: 'Blue' },
  { hex: '#7d56b5', title: 'Violet' },
  { hex: '#e68fb4', title: 'Pink' },
  { hex: '#8a5a3a', title: 'Brown' },
  { hex: '#1c1c1c', title: 'Black' },
  { hex: '#8c8c8c', title: 'Grey' },
  { hex: '#f4f4f4', title: 'White' },
] as const

/** What a colour is called; one that a person mixed by its numbers. */
export const colourWords = (hex: string): string => {
  const known = COLOURS.find(each => each.hex === hex)
  return known === undefined ? hex : t(known.title)
}

/** Colours by which the pictures are narrowed, the nearest first, and how far the looking at them is. */
export function Colours() {
  const tokens = useGallery(state => state.tokens)
  const lookedAt = useShelves(state => state.facets?.lookedAt)
  const chosen = tokens.find(token => token.startsWith('colour:'))?.slice('colour:'.length)
  const isMixed = chosen !== undefined && !COLOURS.some(({ hex }) => hex === chosen)
  if (lookedAt === undefined || lookedAt.total === 0) return null
  return (
    <section aria-label={t('Colour')}>
      <h2>{t('Colour')}</h2>
      <div className="colour-facets">
        {COLOURS.map(({ hex, title }) => (
          <button
            key={hex}
            type="button"
            className={hex === chosen ? 'colour-facet on' : 'colour-facet'}
            style={{ background: hex }}
            aria-label={t(title)}
            title={t(title)}
            aria-pressed={hex === chosen}
            onClick={event => toggleToken(tokenOf('colour', hex), event.shiftKey)}
            data-testid="facet-colour"
          />
        ))}
        <label className={isMixed ? 'colour-facet mixed on' : 'colour-facet mixed'} title={t('Another colour')}>
          <Pipette size={12} strokeWidth={1.5} aria-hidden="true" />
          <input
            type="color"
            aria-label={t('Another colour')}
            value={isMixed ? chosen : '#808080'}
            onChange={event => {
              const token = tokenOf('colour', event.target.value)
              if (!tokens.includes(token)) toggleToken(token)
            }}
          />
        </label>
      </div>
      {lookedAt.done < lookedAt.total && (
        <p className="t11 t3 looked-at" data-testid="looked-at">
          {t('{done} of {total} pictures looked at', lookedAt)}
        </p>
      )}
    </section>
  )
}
