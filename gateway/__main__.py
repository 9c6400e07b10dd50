"""`python -m gateway` serves."""

from gateway.serve import main

if __name__ == "__main__":
    main()
