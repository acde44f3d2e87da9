"""What people do, for the screens and the command line alike. No Textual."""
