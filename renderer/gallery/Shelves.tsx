import { Image as Pictures, Star, Trash2 } from 'lucide-react'
import { openShelf, type Shelf, useGallery } from '../state/gallery.ts'

const SHELVES = [
  { id: 'all', title: 'All pictures', Icon: Pictures },
  { id: 'starred', title: 'Starred', Icon: Star },
  { id: 'trash', title: 'Trash', Icon: Trash2 },
] as const satisfies readonly { id: Shelf; title: string; Icon: unknown }[]

/** The parts of the library, with how many pictures each holds. */
export function Shelves() {
  const shelf = useGallery(state => state.shelf)
  const counts = useGallery(state => state.counts)
  return (
    <nav className="shelves" aria-label="Library" data-region="shelves">
      <h2>Library</h2>
      {SHELVES.map(({ id, title, Icon }) => (
        <button
          key={id}
          type="button"
          className={shelf === id ? 'on' : ''}
          aria-current={shelf === id ? 'page' : undefined}
          onClick={() => openShelf(id)}
          data-testid={`shelf-${id}`}
        >
          <Icon size={16} strokeWidth={1.5} aria-hidden="true" />
          <span className="grow cut">{title}</span>
          <span className="t3 num">{counts[id]?.toLocaleString('en')}</span>
        </button>
      ))}
    </nav>
  )
}
