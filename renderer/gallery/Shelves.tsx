import { Image as Pictures, Star, Trash2 } from 'lucide-react'
import { languageNow, t } from '../language/language.ts'
import { openShelf, type Shelf, toggleToken, useGallery } from '../state/gallery.ts'
import { tokenOf, useShelves } from '../state/shelves.ts'
import { monthWords } from '../state/words.ts'
import { Boards } from './Boards.tsx'
import { Colours } from './Colours.tsx'

const SHELVES = [
  { id: 'all', title: 'All pictures', Icon: Pictures },
  { id: 'starred', title: 'Starred', Icon: Star },
  { id: 'trash', title: 'Trash', Icon: Trash2 },
] as const satisfies readonly { id: Shelf; title: string; Icon: unknown }[]

/** The parts of the library, with how many pictures each holds, and what they can be narrowed by. */
export function Shelves() {
  const shelf = useGallery(state => state.shelf)
  const board = useGallery(state => state.board)
  const facets = useShelves(state => state.facets)
  return (
    <nav className="shelves" aria-label={t('Library')} data-region="shelves">
      <h2>{t('Library')}</h2>
      {SHELVES.map(({ id, title, Icon }) => {
        const isOn = shelf === id && board === undefined
        return (
          <button
            key={id}
            type="button"
            className={isOn ? 'on' : ''}
            aria-current={isOn ? 'page' : undefined}
            onClick={() => openShelf(id)}
            data-testid={`shelf-${id}`}
          >
            <Icon size={16} strokeWidth={1.5} aria-hidden="true" />
            <span className="grow cut">{t(title)}</span>
            <Count images={facets?.[id]} />
          </button>
        )
      })}
      <Boards />
      <Colours />
      <Section
        title={t('Rating')}
        lines={facets?.ratings.map(({ rating, images }) => ({
          token: tokenOf('rating', rating),
          title: rating === 5 ? t('5 stars') : t('{rating} and more', { rating }),
          images,
        }))}
      />
      <Section
        title={t('Tags')}
        lines={facets?.tags.map(({ tag, images }) => ({ token: tokenOf('tag', tag), title: tag, images }))}
      />
      <Section
        title={t('Model')}
        lines={facets?.models.map(({ name, images }) => ({ token: tokenOf('model', name), title: name, images }))}
      />
      <Section
        title={t('Made')}
        lines={facets?.months.map(({ month, images }) => ({
          token: tokenOf('date', month),
          title: monthWords(month),
          images,
        }))}
      />
    </nav>
  )
}

function Count({ images }: { images: number | undefined }) {
  return <span className="t3 num">{images?.toLocaleString(languageNow())}</span>
}

interface Line {
  readonly token: string
  readonly title: string
  readonly images: number
}

/** What pictures can be narrowed by; Shift adds to what is asked for already. */
function Section({ title, lines = [] }: { title: string; lines?: readonly Line[] }) {
  const tokens = useGallery(state => state.tokens)
  if (lines.length === 0) return null
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {lines.map(line => (
        <button
          key={line.token}
          type="button"
          className={tokens.includes(line.token) ? 'on' : ''}
          aria-pressed={tokens.includes(line.token)}
          onClick={event => toggleToken(line.token, event.shiftKey)}
          data-testid="facet"
        >
          <span className="grow cut">{line.title}</span>
          <Count images={line.images} />
        </button>
      ))}
    </section>
  )
}
