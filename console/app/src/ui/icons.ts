export {
  IconAddressBook, IconAlertTriangle, IconArchive, IconArrowDown, IconArrowLeft, IconArrowUp, IconBan, IconBrandWhatsapp, IconCheck, IconChevronRight, IconClock, IconCopy, IconDeviceMobile, IconDots,
  IconDownload, IconFileImport, IconFilter, IconHome, IconKey, IconLanguage, IconList, IconLogout, IconMail, IconMessage, IconMessageChatbot, IconMicrophone, IconMoon, IconPencil, IconPhone,
  IconPlayerPause, IconPlayerPlay, IconPlus, IconPrinter, IconRefresh, IconSearch, IconSettings, IconSpeakerphone, IconSun, IconSunMoon, IconTemplate, IconTrash, IconUser, IconUserOff,
  IconUsersGroup, IconWifiOff, IconX,
} from '@tabler/icons-react'
